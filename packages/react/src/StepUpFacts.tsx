import type { Display } from '@countersign/server/contract';
import type { ReactNode } from 'react';
import { ItemList } from './ItemList.tsx';
import type { CountersignMessages } from './messages.ts';

export interface StepUpFactsProps {
  readonly display: Display;
  readonly messages: CountersignMessages;
  readonly tenantName?: string;
  readonly id: string;
}

/** What a confirmation covers: the named things, the facts, and whether it can be undone. */
export function StepUpFacts({ display, messages, tenantName, id }: StepUpFactsProps): ReactNode {
  const more = display.total - display.items.length;
  // The server's facts come first; ours only fills in a tenant they leave out.
  const namesTenant = display.facts.some((fact) => fact.value === tenantName);
  return (
    <div className="cs-facts" id={id}>
      <dl>
        {display.items.length === 0 ? null : (
          <div>
            <dt>{display.itemsLabel}</dt>
            <dd>
              <ItemList items={display.items} label={display.itemsLabel} />
              {more > 0 ? messages.moreItems(more) : null}
            </dd>
          </div>
        )}
        {display.facts.map((fact) => (
          <div key={fact.label}>
            <dt>{fact.label}</dt>
            <dd>{fact.value}</dd>
          </div>
        ))}
        {tenantName === undefined || namesTenant ? null : (
          <div>
            <dt>{messages.tenantLabel}</dt>
            <dd>{tenantName}</dd>
          </div>
        )}
      </dl>
      {display.irreversible ? <p className="cs-irreversible">{messages.irreversible}</p> : null}
    </div>
  );
}
