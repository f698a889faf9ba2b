import type { ColumnType, Generated, GeneratedAlways } from 'kysely';
import type { BegunMethod } from '../ceremonies/step-up-ports.ts';
import type {
  ActAssertion,
  AuthenticationMethod,
  Confirmation,
  Display,
  PlatformRequirement,
  StepUpMethod,
  TenantPolicy,
} from '../contract/index.ts';
import type { Acr } from '../policy/operation-requirement.ts';

type Defaulted<T> = ColumnType<T, T | undefined, T>;

/** The tables of the `countersign` schema, and the columns of Better Auth's that we read or write. */
export interface CountersignTables {
  'countersign.tenant': {
    tenant_id: string;
    platform: Defaulted<boolean>;
    disposable: Defaulted<boolean>;
    expires_at: Date | null;
  };
  'countersign.authentication_session': {
    sid: Generated<string>;
    session_id: string;
    user_id: string;
    tenant_id: string | null;
    aal: number;
    methods: AuthenticationMethod[];
    authenticated_at: Date;
    user_agent: string;
    address: string;
    last_seen_at: Date;
    ended_at: Date | null;
    end_reason: string | null;
    recent_at: Date | null;
    recent_confirmation: Confirmation | null;
    recent_method: StepUpMethod | null;
    address_proved_at: Date | null;
  };
  'countersign.address_proof': {
    sid: string;
    user_id: string;
    code_hash: Buffer;
    sent_at: Date;
    expires_at: Date;
  };
  'countersign.enforcement_reminder': {
    user_id: string;
    tenant_id: string;
    requirement: string;
    due_at: Date;
    days_left: number;
    told_at: Date;
  };
  'countersign.pending_sign_in': {
    id: Generated<string>;
    token_hash: Uint8Array;
    user_id: string;
    methods: AuthenticationMethod[];
    created_at: Date;
    expires_at: Date;
    completed_at: Date | null;
    passkey_challenge: string | null;
    tenant_id: string | null;
  };
  'countersign.authenticator': {
    id: Generated<string>;
    user_id: string;
    type: 'totp' | 'passkey';
    external_id: string | null;
    started_at: Date | null;
    started_sid: string | null;
    bound_at: Date | null;
    last_step: Defaulted<number>;
    last_used_at: Date | null;
    name: string | null;
    user_handle: Defaulted<Uint8Array | null>;
    credential_id: string | null;
    public_key: Uint8Array | null;
    public_jwk: ColumnType<Record<string, string> | null, string | null, string | null>;
    transports: string[] | null;
    sign_count: ColumnType<string | null, number | null, number | null>;
    backup_eligible: boolean | null;
    backed_up: boolean | null;
  };
  'countersign.passkey_enrolment': {
    id: Generated<string>;
    sid: string;
    user_id: string;
    name: string;
    user_handle: Uint8Array;
    challenge: string;
    expires_at: Date;
  };
  'countersign.passkey_sign_in': {
    challenge: string;
    browser_hash: Uint8Array;
    expires_at: Date;
  };
  'countersign.identity': {
    id: Generated<string>;
    tenant_id: string;
    issuer: string;
    subject: string;
    user_id: string;
    created_at: Defaulted<Date>;
    last_used_at: Date | null;
  };
  'countersign.tenant_provider': {
    tenant_id: string;
    version: number;
    sign_in_name: string | null;
    max_age_seconds: number;
    issuer: string | null;
    client_id: string | null;
    sealed_secret: string | null;
    changed_at: Defaulted<Date>;
  };
  'countersign.provider_journey': {
    id: Generated<string>;
    purpose: 'sign-in' | 'link';
    tenant_id: string;
    sid: string | null;
    user_id: string | null;
    state_hash: Uint8Array | null;
    browser_hash: Uint8Array | null;
    provider_version: number | null;
    asked_at: Date | null;
    expires_at: Date;
  };
  'countersign.tenant_policy': {
    tenant_id: string;
    version: number;
    policy: ColumnType<TenantPolicy, string, string>;
    changed_at: Defaulted<Date>;
  };
  'countersign.member_rule': {
    member_id: string;
    requirement: PlatformRequirement;
    from_day: ColumnType<Date | null, string | null, string | null>;
    grace_days: number;
    changed_at: Date;
  };
  'countersign.platform_administrator': { user_id: string; requirement: PlatformRequirement };
  'countersign.verified_address': { user_id: string; email: string; verified_at: Date };
  'countersign.email_change': {
    user_id: string;
    sid: string;
    new_email: string;
    code_hash: Uint8Array;
    expires_at: Date;
  };
  'countersign.failure_notice': {
    id: Generated<string>;
    user_id: string | null;
    factor: string;
    failures: number;
    at: Defaulted<Date>;
  };
  'countersign.password_reset_request': { id: Generated<string>; sealed: string; asked_at: Date };
  'countersign.password_reset': {
    user_id: string;
    token_hash: Uint8Array;
    email: string;
    password_digest: Uint8Array;
    expires_at: Date;
  };
  'countersign.invitation': {
    id: Generated<string>;
    tenant_id: string;
    email: string;
    role: 'administrator' | 'person';
    token_hash: Uint8Array;
    invited_by: string;
    invited_at: Date;
    expires_at: Date;
  };
  'countersign.attempt_budget': {
    subject: string;
    lane: 'stranger' | 'known';
    failures: Defaulted<number>;
    last_failure_at: Date | null;
  };
  'countersign.known_device': {
    id: Generated<string>;
    token_hash: Uint8Array;
    user_id: string;
    user_agent: string;
    address: string;
    created_at: Date;
    last_used_at: Date;
    expires_at: Date;
  };
  'countersign.account_freeze': {
    user_id: string;
    frozen_at: Date | null;
    lifted_at: Date | null;
  };
  'countersign.recovery_code_set': { user_id: string; salt: Buffer | Uint8Array; issued_at: Date };
  'countersign.recovery_code': { user_id: string; hash: Uint8Array; used_at: Date | null };
  'countersign.step_up': {
    id: Generated<string>;
    sid: string;
    user_id: string;
    tenant_id: string;
    operation: string;
    parameters_hash: string;
    display_hash: string;
    salt: string;
    display: ColumnType<Display, string, string>;
    methods: StepUpMethod[];
    acr: Acr;
    baseline: 'email' | null;
    window_seconds: number;
    created_at: Date;
    expires_at: Date;
    begun: ColumnType<BegunMethod | null, string | null, string | null>;
    email_sends: Defaulted<number>;
    method: StepUpMethod | null;
    confirmation: Confirmation | null;
    authenticator_id: string | null;
    assertion: ColumnType<ActAssertion | null, string | null, string | null>;
    verified_at: Date | null;
    grant_hash: Uint8Array | null;
    grant_expires_at: Date | null;
    consumed_at: Date | null;
    sealed_answer: Uint8Array | null;
  };
  'countersign.audit_event': {
    id: string;
    seq: GeneratedAlways<string>;
    at: Date;
    tenant_id: string | null;
    event: string;
    version: number;
    outcome: 'success' | 'failure' | 'denied';
    actor_id: string | null;
    on_behalf_of: string | null;
    operation: string | null;
    methods: AuthenticationMethod[];
    aal: number | null;
    request_id: string | null;
    reason: string | null;
    count: number;
    entry: Buffer;
    leaf_hash: Buffer;
  };
  'countersign.audit_personal': { event_id: string; name: string; salt: string; value: string };
  'countersign.source_window': {
    source: string;
    kind: string;
    minute: Date;
    requests: number;
  };
  user: {
    id: string;
    name: string;
    email: string;
    emailVerified: boolean;
    twoFactorEnabled: boolean | null;
  };
  session: { id: string; token: string; userId: string; expiresAt: Date };
  account: { userId: string; providerId: string; password: string | null };
  member: { id: string; userId: string; organizationId: string; role: string; createdAt: Date };
  organization: { id: string; name: string };
  twoFactor: { id: string; userId: string; secret: string; verified: boolean | null };
}
