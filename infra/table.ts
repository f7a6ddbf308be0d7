import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import type { Settings } from './settings.ts';

/** The table of connections: an existing one, or one that the stack creates. */
export class ConnectionTable extends Construct {
  /** The table's name. */
  readonly name: string;
  /** The table's ARN, which the function's permission names. */
  readonly arn: string;

  /**
   * @param scope the stack.
   * @param id unique in the scope. Changing it would replace the table.
   * @param settings with `tableName` nothing is created. Otherwise `production` decides whether the new table can be
   *   deleted.
   */
  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id);
    const { tableName, production } = settings;
    const table =
      tableName === undefined ? this.create(production) : Table.fromTableName(this, 'Existing', tableName);
    this.name = table.tableName;
    this.arn = table.tableArn;
  }

  private create(production: boolean): Table {
    return new Table(this, 'Table', {
      partitionKey: { name: 'id', type: AttributeType.STRING },
      // Logouts come in waves, at closing time: no fixed capacity fits them.
      billingMode: BillingMode.PAY_PER_REQUEST,
      // Also where the table may be deleted: DynamoDB then keeps a last backup for 35 days.
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: production,
      removalPolicy: production ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
  }
}
