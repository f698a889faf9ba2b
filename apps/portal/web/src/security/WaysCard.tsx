import type { Authenticator, RecoveryCodes } from '@countersign/server/contract';
import type { ReactNode, Ref } from 'react';
import { Link } from 'wouter';
import { Button } from '../components/Button.tsx';
import { CardSection } from '../components/CardSection.tsx';
import { Delayed } from '../components/Delayed.tsx';
import { Notice } from '../components/Notice.tsx';
import { explainError } from '../explain-error.ts';
import { securityMessages } from '../messages-security.ts';
import type { Loaded } from '../use-load.ts';
import { AuthenticatorRow } from './AuthenticatorRow.tsx';
import type { EnrolmentKind } from './enrolment-context.ts';
import { PasskeyRows } from './PasskeyRows.tsx';
import { RecoveryCodesRow } from './RecoveryCodesRow.tsx';

/** Everything the person can confirm with. */
export interface Ways {
  readonly app: Authenticator | null;
  readonly passkeys: readonly Authenticator[];
  readonly recoveryCodes: RecoveryCodes;
}

export interface WaysCardProps {
  readonly ways: Loaded<Ways>;
  readonly makingCodes: boolean;
  /** Whether something may be replaced now because it is lost. */
  readonly canReplaceLost: boolean;
  readonly headingRef: Ref<HTMLHeadingElement>;
  readonly onEnrol: (kind: EnrolmentKind) => void;
  readonly onRemove: (authenticator: Authenticator) => void;
  readonly onRename: (passkey: Authenticator) => void;
  readonly onMakeCodes: () => void;
}

/** Ways to confirm it's you, and what can be done with each. */
export function WaysCard(props: WaysCardProps): ReactNode {
  const { ways, headingRef, onEnrol } = props;
  const { data, error } = ways;
  const text = securityMessages.security;
  const hasPasskeys = data !== null && data.passkeys.length > 0;
  return (
    <CardSection
      action={
        hasPasskeys ? <Button onClick={() => onEnrol('passkey')}>{text.addPasskey}</Button> : null
      }
      headingRef={headingRef}
      title={text.ways}
    >
      {data === null && error === null ? <Delayed /> : null}
      {error === null ? null : (
        <Notice className="mx-5 mb-5" tone="danger">
          {explainError(error)}
        </Notice>
      )}
      {data === null ? null : (
        <>
          <AuthenticatorRow
            authenticator={data.app}
            onSetUp={() => onEnrol('totp')}
            onTurnOff={props.onRemove}
          />
          <PasskeyRows
            onAdd={() => onEnrol('passkey')}
            onRemove={props.onRemove}
            onRename={props.onRename}
            passkeys={data.passkeys}
          />
          <RecoveryCodesRow
            making={props.makingCodes}
            onMake={props.onMakeCodes}
            recoveryCodes={data.recoveryCodes}
          />
          {props.canReplaceLost ? (
            <p className="border-line border-t px-5 py-3 text-sm">
              <Link className="text-link" href="/sign-in/recover?next=%2Fapp%2Fsecurity">
                {text.lost}
              </Link>
            </p>
          ) : null}
        </>
      )}
    </CardSection>
  );
}
