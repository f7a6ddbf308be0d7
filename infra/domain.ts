import { DomainName, SecurityPolicy } from 'aws-cdk-lib/aws-apigatewayv2';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Domain } from './settings.ts';

/**
 * A host name of the deployer's own, at the gateway. What it needs is not part of the stack: the certificate is
 * validated by its owner, the truststore belongs to those who issue certificates to terminals, and the DNS record
 * moves terminals here and back, at a time of its own.
 */
export class LogoutDomain extends Construct {
  /**
   * To be mapped to the API's stage. The DNS record of the domain must lead to its `regionalDomainName` (CNAME, or an
   * alias in Route 53, which needs its `regionalHostedZoneId` too).
   */
  readonly domainName: DomainName;

  /**
   * @param scope what the domain belongs to.
   * @param id unique in the scope. Changing it would give another DNS target.
   * @param domain the name, its certificate, and the truststore if mutual TLS is on. The deployer must be allowed to
   *   read the truststore. The gateway copies it at the deployment, and never again: a new one needs a key of its own.
   */
  constructor(scope: Construct, id: string, domain: Domain) {
    super(scope, id);
    const { name, certificateArn, truststore, ownershipCertificateArn } = domain;
    // A domain's name cannot be changed: another name is another resource, so that its certificate, DNS target and
    // mapping are there before CloudFormation removes the old ones.
    this.domainName = new DomainName(this, `DomainName-${name}`, {
      domainName: name,
      certificate: Certificate.fromCertificateArn(this, 'Certificate', certificateArn),
      securityPolicy: SecurityPolicy.TLS_1_2,
      ...(truststore && {
        mtls: { bucket: Bucket.fromBucketName(this, 'Truststore', truststore.bucket), key: truststore.key },
      }),
      ...(ownershipCertificateArn !== undefined && {
        ownershipCertificate: Certificate.fromCertificateArn(
          this,
          'OwnershipCertificate',
          ownershipCertificateArn,
        ),
      }),
    });
  }
}
