import { expect, test } from 'vitest';
import { domain, mutualTls, only, synthTemplate } from './synth.ts';

const named = synthTemplate(domain);
const [nameId, { Properties: name }] = only(named, 'AWS::ApiGatewayV2::DomainName');
const [apiId] = only(named, 'AWS::ApiGatewayV2::Api');

test('without domainName there is no domain, and the default endpoint is on', () => {
  const template = synthTemplate();
  template.resourceCountIs('AWS::ApiGatewayV2::DomainName', 0);
  template.resourceCountIs('AWS::ApiGatewayV2::ApiMapping', 0);
  expect(only(template, 'AWS::ApiGatewayV2::Api')[1].Properties.DisableExecuteApiEndpoint).toBe(false);
});

test("the domain has the deployer's certificate, is regional and speaks TLS 1.2", () => {
  expect(name).toEqual({
    DomainName: 'logout.example.com',
    DomainNameConfigurations: [
      { CertificateArn: domain.certificateArn, EndpointType: 'REGIONAL', SecurityPolicy: 'TLS_1_2' },
    ],
    Tags: { stage: 'prod' },
  });
});

test('the domain is mapped to the one stage, at its root, so that terminals keep their path', () => {
  const [stageId] = only(named, 'AWS::ApiGatewayV2::Stage');
  const [, mapping] = only(named, 'AWS::ApiGatewayV2::ApiMapping');
  expect(mapping.Properties).toEqual({
    ApiId: { Ref: apiId },
    DomainName: { Ref: nameId },
    Stage: '$default',
  });
  // By name only, CloudFormation could map the domain before the stage is there.
  expect(mapping.DependsOn).toContain(stageId);
});

test('the outputs are the URL below the domain, and what its DNS record must point to', () => {
  const output = (id: string) => named.findOutputs(id)[id]?.Value;
  expect(output('Url')).toBe('https://logout.example.com/api/tt_cmd_connection/logout');
  expect(output('DnsTarget')).toEqual({ 'Fn::GetAtt': [nameId, 'RegionalDomainName'] });
  expect(output('DnsTargetZone')).toEqual({ 'Fn::GetAtt': [nameId, 'RegionalHostedZoneId'] });
});

test('with a domain alone there is no mutual TLS, and the default endpoint stays on for the cutover', () => {
  expect(name).not.toHaveProperty('MutualTlsAuthentication');
  expect(only(named, 'AWS::ApiGatewayV2::Api')[1].Properties.DisableExecuteApiEndpoint).toBe(false);
});

test('with truststoreUri the domain asks for a certificate, and the endpoint that does not is off', () => {
  const template = synthTemplate(mutualTls);
  expect(only(template, 'AWS::ApiGatewayV2::DomainName')[1].Properties.MutualTlsAuthentication).toEqual({
    TruststoreUri: mutualTls.truststoreUri,
  });
  expect(only(template, 'AWS::ApiGatewayV2::Api')[1].Properties.DisableExecuteApiEndpoint).toBe(true);
});

test('another domainName is another resource, beside the one before', () => {
  const other = synthTemplate({ ...domain, domainName: 'api.example.com' });
  expect(only(other, 'AWS::ApiGatewayV2::DomainName')[0]).not.toBe(nameId);
});

test('ownershipCertificateArn proves the ownership of the name where the certificate is imported', () => {
  const ownershipCertificateArn = domain.certificateArn.replace(/\/.*/, '/public');
  const template = synthTemplate({ ...mutualTls, ownershipCertificateArn });
  expect(
    only(template, 'AWS::ApiGatewayV2::DomainName')[1].Properties.DomainNameConfigurations,
  ).toMatchObject([
    { CertificateArn: domain.certificateArn, OwnershipVerificationCertificateArn: ownershipCertificateArn },
  ]);
});
