// Logs a connection out: .NET Framework 4.5 or later, .NET, or Mono.
// mcs -r:System.Net.Http,System.Runtime.Serialization Logout.cs && mono Logout.exe

using System;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Runtime.Serialization.Json;
using System.Text;
using System.Threading.Tasks;

/// <summary>The request, and every response. Dates are strings, since a DateTime loses the offset.</summary>
public class cmd_connection
{
    public Guid id;
    public string locator;
    public Guid id_pos_sesion;
    public string terminal_id;
    public bool success;
    public string message;
    public string date_login;
    public string date_logout;
    public string terminal_type;
    public Guid id_user;

    // In responses that are not a success.
    public string code;
    public string request_id;
    public field_error[] errors;
}

public class field_error
{
    public string field;
    public string message;
}

public static class Logout
{
    private static readonly int[] WaitsSeconds = { 1, 2, 4, 8, 15 };
    private static readonly int[] FinalRefusals = { 400, 401, 403, 404, 413, 415 };
    private static readonly Random Random = new Random();
    private static readonly DataContractJsonSerializer Json = new DataContractJsonSerializer(typeof(cmd_connection));

    /// <summary>Makes the client, one for the life of the program.</summary>
    public static HttpClient MakeClient()
    {
        // .NET Framework before 4.7 may not offer TLS 1.2, and the gateway accepts nothing older.
        ServicePointManager.SecurityProtocol |= SecurityProtocolType.Tls12;
        // One odd cookie of a captive portal would fail every later request.
        var handler = new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false };
        return new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(15) };
    }

    /// <summary>Makes the body of a logout, once, with its time. Keep it until Send returns.</summary>
    public static string MakeBody(cmd_connection connection)
    {
        if (connection.date_logout == null) connection.date_logout = DateTimeOffset.Now.ToString("o");
        using (var stream = new MemoryStream())
        {
            Json.WriteObject(stream, connection);
            return Encoding.UTF8.GetString(stream.ToArray());
        }
    }

    /// <summary>Sends a body until there is a response that settles it.</summary>
    /// <param name="justLoggedIn">Whether to repeat a 404 three times.</param>
    /// <exception cref="TimeoutException">The outcome is still unknown: send the same body again later.</exception>
    public static async Task<cmd_connection> Send(HttpClient client, string url, string body, bool justLoggedIn = false)
    {
        for (int attempt = 0; ; attempt++)
        {
            double retryAfterSeconds = 0;
            Exception cause = null;
            try
            {
                using (var content = new StringContent(body, Encoding.UTF8, "application/json"))
                using (HttpResponseMessage response = await client.PutAsync(url, content))
                {
                    int status = (int)response.StatusCode;
                    retryAfterSeconds = ReadRetryAfter(response);
                    cmd_connection result = Read(await response.Content.ReadAsStringAsync());
                    bool repeats404 = status == 404 && justLoggedIn && attempt < 3;
                    if (IsFinal(status, result, Read(body)) && !repeats404) return result;
                }
            }
            catch (Exception error)
            {
                cause = error; // Not a response.
            }
            if (attempt == WaitsSeconds.Length)
            {
                throw new TimeoutException("It is not known whether the connection was logged out.", cause);
            }
            double seconds = WaitsSeconds[attempt] * (1 - Random.NextDouble() / 2);
            await Task.Delay(TimeSpan.FromSeconds(Math.Max(seconds, retryAfterSeconds)));
        }
    }

    /// <summary>Whether this is a response of the service or the gateway that the same request would get again.</summary>
    private static bool IsFinal(int status, cmd_connection result, cmd_connection sent)
    {
        if (status == 200 || status == 409) return result.success == (status == 200) && result.id == sent.id;
        if (result.errors != null && result.errors.All(error => error.field == "date_logout")) return false;
        return FinalRefusals.Contains(status) && result.message != null;
    }

    /// <summary>Reads Retry-After, a number or a date. Returns seconds, 60 at most.</summary>
    private static double ReadRetryAfter(HttpResponseMessage response)
    {
        var header = response.Headers.RetryAfter;
        if (header == null) return 0;
        TimeSpan wait = header.Date.HasValue ? header.Date.Value - DateTimeOffset.Now : header.Delta.Value;
        return Math.Min(wait.TotalSeconds, 60);
    }

    private static cmd_connection Read(string json)
    {
        using (var stream = new MemoryStream(Encoding.UTF8.GetBytes(json))) return (cmd_connection)Json.ReadObject(stream);
    }
}

public static class Program
{
    public static void Main()
    {
        string url = Environment.GetEnvironmentVariable("URL") ?? "http://127.0.0.1:3000/api/tt_cmd_connection/logout";
        string id = Environment.GetEnvironmentVariable("ID") ?? "6f1c2a58-3b7d-4e0a-9c41-d2f8a5b6e713";
        string body = Logout.MakeBody(new cmd_connection { id = new Guid(id), terminal_id = "T-0412" });
        bool justLoggedIn = Environment.GetEnvironmentVariable("JUST_LOGGED_IN") == "yes";
        cmd_connection result = Logout.Send(Logout.MakeClient(), url, body, justLoggedIn).GetAwaiter().GetResult();
        Console.WriteLine(result.success + " " + result.message);
    }
}
