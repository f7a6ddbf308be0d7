# Logs a connection out: Windows PowerShell 5.1, or PowerShell 7. It compiles and calls Logout.cs. Never run.

$references = @{}
if ($PSVersionTable.PSEdition -ne 'Core') {
  $references.ReferencedAssemblies = 'System.Core', 'System.Net.Http', 'System.Runtime.Serialization', 'System.Xml'
}
Add-Type -Path "$PSScriptRoot\Logout.cs" -IgnoreWarnings @references

$url = 'http://127.0.0.1:3000/api/tt_cmd_connection/logout'
$connection = New-Object cmd_connection
$connection.id = '6f1c2a58-3b7d-4e0a-9c41-d2f8a5b6e713'
$connection.terminal_id = 'T-0412'
$body = [Logout]::MakeBody($connection)
$justLoggedIn = $false
$result = [Logout]::Send([Logout]::MakeClient(), $url, $body, $justLoggedIn).GetAwaiter().GetResult()
"$($result.success) $($result.message)"
