/** The demo companies: one on each dialing system, and one for each error that a company's set-up can cause. */

export const DEMO_KEYS = [
  'ringcx',
  'ringcxJwt',
  'newbridge',
  'notUniversal',
  'inactive',
  'noDialer',
  'otherFamily',
  'ringcxNoToken',
  'newbridgeNoToken',
] as const;

export type DemoKey = (typeof DEMO_KEYS)[number];

export const DEMO_CAMPAIGNS = { ringcx: '123456', ringcxJwt: '234567', newbridge: '654321' } as const;

export interface DemoDialer {
  readonly family: string;
  /** The column of its token or credential; without one it has none. */
  readonly token?: 'permanentToken' | 'apiAuthToken' | 'jwtCredential';
}

export interface DemoCompany {
  readonly name: string;
  /** First six digits of its ANIs; the last four are numbers reserved for fiction. */
  readonly aniPrefix?: string;
  readonly dialer?: DemoDialer;
  readonly campaign: string;
  readonly keys: readonly { readonly key: DemoKey; readonly type?: string; readonly active?: boolean }[];
}

export const DEMO_COMPANIES: readonly DemoCompany[] = [
  {
    name: 'Demo RingCX',
    aniPrefix: '305555',
    dialer: { family: 'ringcx', token: 'permanentToken' },
    campaign: DEMO_CAMPAIGNS.ringcx,
    keys: [{ key: 'ringcx' }, { key: 'notUniversal', type: 'reporting' }, { key: 'inactive', active: false }],
  },
  {
    name: 'Demo RingCX with a JWT credential',
    aniPrefix: '786555',
    dialer: { family: 'ringcx', token: 'jwtCredential' },
    campaign: DEMO_CAMPAIGNS.ringcxJwt,
    keys: [{ key: 'ringcxJwt' }],
  },
  {
    name: 'Demo NewBridge',
    aniPrefix: '212555',
    dialer: { family: 'newbridge', token: 'apiAuthToken' },
    campaign: DEMO_CAMPAIGNS.newbridge,
    keys: [{ key: 'newbridge' }],
  },
  { name: 'Demo without a dialer', campaign: DEMO_CAMPAIGNS.ringcx, keys: [{ key: 'noDialer' }] },
  {
    name: 'Demo on another dialer family',
    dialer: { family: 'five9', token: 'apiAuthToken' },
    campaign: DEMO_CAMPAIGNS.ringcx,
    keys: [{ key: 'otherFamily' }],
  },
  {
    name: 'Demo RingCX without a token',
    dialer: { family: 'ringcx' },
    campaign: DEMO_CAMPAIGNS.ringcx,
    keys: [{ key: 'ringcxNoToken' }],
  },
  {
    name: 'Demo NewBridge without a token',
    dialer: { family: 'newbridge' },
    campaign: DEMO_CAMPAIGNS.newbridge,
    keys: [{ key: 'newbridgeNoToken' }],
  },
];
