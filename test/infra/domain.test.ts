import { expect, test } from 'vitest';
import { domain, mutualTls, only, synthTemplate, writeValue } from './synth.ts';

const named = synthTemplate(domain);
const [nameId] = only(named, 'AWS::ApiGatewayV2::DomainName');

const readDomain = (set: object) =>
  only(synthTemplate({ ...set }), 'AWS::ApiGatewayV2::DomainName')[1].Properties;
const isEndpointOff = (set: object) =>
  only(synthTemplate({ ...set }), 'AWS::ApiGatewayV2::Api')[1].Properties.DisableExecuteApiEndpoint;

test('without domainName there is no domain, and the default endpoint is on', () => {
  synthTemplate().resourceCountIs('AWS::ApiGatewayV2::DomainName', 0);
  synthTemplate().resourceCountIs('AWS::ApiGatewayV2::ApiMapping', 0);
  expect(isEndpointOff({})).toBe(false);
});

test("the domain has the deployer's certificate, is regional, speaks TLS 1.2 and has no mutual TLS of its own", () => {
  expect(readDomain(domain)).toEqual({
    DomainName: 'logout.example.com',
    DomainNameConfigurations: [
      { CertificateArn: domain.certificateArn, EndpointType: 'REGIONAL', SecurityPolicy: 'TLS_1_2' },
    ],
    Tags: { stage: 'prod' },
  });
  expect(isEndpointOff(domain)).toBe(false);
});

test('the domain is mapped to the one stage, at its root, so that terminals keep their path', () => {
  const [stageId] = only(named, 'AWS::ApiGatewayV2::Stage');
  const [apiId] = only(named, 'AWS::ApiGatewayV2::Api');
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
  const output = (id: string) => writeValue(named.findOutputs(id)[id]?.Value);
  expect(output('Url')).toBe('https://logout.example.com/api/tt_cmd_connection/logout');
  expect(output('DnsTarget')).toBe(`<${nameId}.RegionalDomainName>`);
  expect(output('DnsTargetZone')).toBe(`<${nameId}.RegionalHostedZoneId>`);
});

test('with truststoreUri the domain asks for a certificate, and the endpoint that does not is off', () => {
  const ownershipCertificateArn = domain.certificateArn.replace(/\/.*/, '/public');
  const { MutualTlsAuthentication, DomainNameConfigurations } = readDomain({
    ...mutualTls,
    ownershipCertificateArn,
  });
  expect(MutualTlsAuthentication).toEqual({ TruststoreUri: mutualTls.truststoreUri });
  expect(DomainNameConfigurations).toMatchObject([
    { CertificateArn: domain.certificateArn, OwnershipVerificationCertificateArn: ownershipCertificateArn },
  ]);
  expect(isEndpointOff(mutualTls)).toBe(true);
});

test('another domainName is another resource, beside the one before', () => {
  const other = synthTemplate({ ...domain, domainName: 'api.example.com' });
  expect(only(other, 'AWS::ApiGatewayV2::DomainName')[0]).not.toBe(nameId);
});
