import type { IdentityProviderDocument } from '@countersign/server/contract';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { CardSection } from '../components/CardSection.tsx';
import { Notice } from '../components/Notice.tsx';
import { providerMessages } from '../messages-provider.ts';

/** Policy, population and flow, each for itself: a recorded provider alone is none of them. */
export function ProviderStanding(props: {
  readonly document: IdentityProviderDocument;
}): ReactNode {
  const { policy, population, flow } = props.document;
  const text = providerMessages;
  const named = [...policy.mfaAcr, ...policy.mfaAmr];
  return (
    <CardSection title={text.standing}>
      <div className="grid gap-4 border-line border-t px-5 py-5">
        <Notice tone="warn">{text.standingWarning}</Notice>
        <dl className="grid gap-x-6 gap-y-4 sm:grid-cols-3">
          <div>
            <dt className="font-[560]">{text.policy}</dt>
            <dd className="text-ink-2 [overflow-wrap:anywhere]">
              {named.length === 0 ? text.policyNone : text.policyNamed(named.join(', '))}{' '}
              <Link className="block w-fit text-link" href="/admin/policy">
                {text.policyLink}
              </Link>
            </dd>
          </div>
          <div>
            <dt className="font-[560]">{text.population}</dt>
            <dd className="text-ink-2">
              {text.populationOf(population.linked, population.members)}
            </dd>
          </div>
          <div>
            <dt className="font-[560]">{text.flow}</dt>
            <dd className="text-ink-2">{text.flowOf(flow)}</dd>
          </div>
        </dl>
      </div>
    </CardSection>
  );
}
