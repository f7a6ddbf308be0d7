/** A price of AWS's, without any free tier. */
export interface Price {
  /** What is priced, as the table of the document says it. */
  readonly of: string;
  readonly usd: number;
  /** What the price is for, such as `million requests`. */
  readonly per: string;
  /** Where it stands, and how old that is. */
  readonly seen: string;
  /**
   * Whether a copy of AWS's own words was read. The others are what third parties say that AWS's price page says:
   * those pages fill in their figures by script, which stored copies lack.
   */
  readonly fromAws: boolean;
}

/** Prices of us-east-1, as of November 2026. Other regions cost up to a quarter more: put theirs here. */
export const PRICES = {
  apiRequests: {
    of: 'HTTP API, the first 300 million requests a month',
    usd: 1,
    per: 'million requests',
    seen: 'AWS whitepaper "Best practices for designing API Gateway private APIs", undated',
    fromAws: true,
  },
  apiRequestsBeyond: {
    of: 'HTTP API, requests beyond these',
    usd: 0.9,
    per: 'million requests',
    seen: 'the same',
    fromAws: true,
  },
  lambdaRequests: {
    of: 'Lambda, requests',
    usd: 0.2,
    per: 'million requests',
    seen: 'a course of May 2026',
    fromAws: false,
  },
  lambdaTime: {
    of: 'Lambda, arm64, up to 7.5 billion GB-seconds a month',
    usd: 13.3334,
    per: 'million GB-seconds',
    seen: 'the same, and a guide of 2024; the step from "Introducing tiered pricing for AWS Lambda", AWS, 2022',
    fromAws: false,
  },
  tableWrites: {
    of: 'DynamoDB on demand, writes of at most 1 KB',
    usd: 0.625,
    per: 'million writes',
    seen: 'a guide of July 2025, after the cut of November 2024',
    fromAws: false,
  },
  tableStorage: {
    of: 'DynamoDB, standard storage',
    usd: 0.25,
    per: 'GB and month',
    seen: 'AWS, "Amazon DynamoDB pricing", undated',
    fromAws: true,
  },
  tableRecovery: {
    of: 'DynamoDB, point-in-time recovery',
    usd: 0.2,
    per: 'GB and month',
    seen: 'a guide, undated',
    fromAws: false,
  },
  logIngestion: {
    of: 'CloudWatch Logs, the first 10 TB a month',
    usd: 0.5,
    per: 'GB',
    seen: 'guides of May 2025 and June 2026',
    fromAws: false,
  },
  logStorage: {
    of: 'CloudWatch Logs, storage',
    usd: 0.03,
    per: 'GB and month',
    seen: 'a guide, undated',
    fromAws: false,
  },
  metrics: {
    of: 'CloudWatch, the first 10,000 custom metrics',
    usd: 0.3,
    per: 'metric and month',
    seen: 'a guide of February 2026',
    fromAws: false,
  },
  alarms: {
    of: 'CloudWatch, alarms of standard resolution',
    usd: 0.1,
    per: 'metric in an alarm and month',
    seen: 'a guide, undated',
    fromAws: false,
  },
  dashboards: {
    of: 'CloudWatch, dashboards',
    usd: 3,
    per: 'dashboard and month',
    seen: 'a guide of June 2026',
    fromAws: false,
  },
  transfer: {
    of: 'Data out to the internet, the first 10 TB a month',
    usd: 0.09,
    per: 'GB',
    seen: 'a guide of May 2025',
    fromAws: false,
  },
} as const satisfies Record<string, Price>;
