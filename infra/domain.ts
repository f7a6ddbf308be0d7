import { DomainName, SecurityPolicy } from 'aws-cdk-lib/aws-apigatewayv2';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Settings } from './settings.ts';

/**
 * Creates a host name of the deployer's own at the gateway, to be mapped to the API's stage. What it needs is not part
 * of the stack: the certificate is validated by its owner, the truststore belongs to those who issue certificates to
 * terminals, and the DNS record moves terminals here and back, at a time of its own.
 *
 * @param api what the domain belongs to.
 * @param settings the name, its certificate, and the truststore if mutual TLS is on. The deployer must be allowed to
 *   read the truststore. The gateway copies it at the deployment, and never again: a new one needs a key of its own.
 * @returns the domain. The DNS record of the name must lead to its `regionalDomainName` (CNAME, or an alias in Route 53,
 *   which needs its `regionalHostedZoneId` too).
 */
export function createDomain(api: Construct, settings: Settings, domainName: string): DomainName {
  const { certificateArn = '', truststoreUri, ownershipCertificateArn } = settings;
  const scope = new Construct(api, 'Domain');
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.+)$/.exec(truststoreUri ?? '') ?? [];
  // A domain's name cannot be changed: another name is another resource, so that its certificate, DNS target and
  // mapping are there before CloudFormation removes the old ones.
  return new DomainName(scope, `DomainName-${domainName}`, {
    domainName,
    certificate: Certificate.fromCertificateArn(scope, 'Certificate', certificateArn),
    securityPolicy: SecurityPolicy.TLS_1_2,
    ...(truststoreUri !== undefined && {
      mtls: { bucket: Bucket.fromBucketName(scope, 'Truststore', bucket), key },
    }),
    ...(ownershipCertificateArn !== undefined && {
      ownershipCertificate: Certificate.fromCertificateArn(
        scope,
        'OwnershipCertificate',
        ownershipCertificateArn,
      ),
    }),
  });
}
