import type { AuditEvent, Outcome } from '@countersign/server/contract';
import type { ReactNode } from 'react';
import { Icon } from '../components/Icon.tsx';
import { Pill, type PillProps } from '../components/Pill.tsx';
import { formatMoment } from '../dates.ts';
import { auditMessages } from '../messages-audit.ts';
import { strongestMethod } from '../strongest-method.ts';
import { tableRoles } from '../table-roles.ts';
import { Actor } from './Actor.tsx';
import { AuditDetail } from './AuditDetail.tsx';
import { describeEvent } from './describe-event.ts';

export interface AuditRowProps {
  readonly event: AuditEvent;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
}

const tones: Readonly<Record<Outcome, PillProps['tone']>> = {
  success: 'ok',
  failure: 'warn',
  denied: 'danger',
};

/** One event, and its detail beneath it when opened. */
export function AuditRow({ event, isOpen, onToggle }: AuditRowProps): ReactNode {
  const text = auditMessages.audit;
  const when = formatMoment(event.at);
  const what = describeEvent(event);
  const detailId = `detail-${event.id}`;
  return (
    <>
      <tr {...tableRoles.row} data-event={event.event} data-event-id={event.id}>
        <td {...tableRoles.cell} className="wide:pl-5!" data-label={text.columns.when}>
          <time dateTime={event.at}>{when}</time>
        </td>
        <td {...tableRoles.cell} className="[overflow-wrap:anywhere]" data-label={text.columns.who}>
          <span>
            <Actor event={event} />
            {event.onBehalfOf === null ? null : (
              <span className="block text-ink-3 text-sm">{text.onBehalfOf(event.onBehalfOf)}</span>
            )}
          </span>
        </td>
        <td
          {...tableRoles.cell}
          className="[overflow-wrap:anywhere]"
          data-label={text.columns.what}
        >
          <span>
            <span className="font-[560]">{what}</span>
            {event.count > 1 ? <> · {text.repeated(event.count)}</> : null}
            <code className="block font-mono text-[0.8125rem] text-ink-3">{event.event}</code>
          </span>
        </td>
        <td {...tableRoles.cell} data-label={text.columns.factor}>
          <span>
            {strongestMethod(event.methods) ?? text.none}
            {event.aal === null ? null : (
              <span className="block text-ink-3 text-sm">{text.level(event.aal)}</span>
            )}
          </span>
        </td>
        <td {...tableRoles.cell} data-label={text.columns.outcome}>
          <span>
            {event.event === 'step-up.required' ? (
              <Pill tone="mute">{text.asked}</Pill>
            ) : (
              <Pill tone={tones[event.outcome]}>{text.outcomes[event.outcome]}</Pill>
            )}
          </span>
        </td>
        <td
          {...tableRoles.cell}
          className="text-ink-2 [overflow-wrap:anywhere]"
          data-label={text.columns.source}
        >
          {event.source ?? text.none}
        </td>
        <td {...tableRoles.cell} className="wide:py-1.5! wide:text-right">
          <button
            aria-controls={isOpen ? detailId : undefined}
            aria-expanded={isOpen}
            aria-label={text.detailsOf(what, when)}
            className="cs-button cs-quiet px-2! max-wide:px-0!"
            onClick={onToggle}
            type="button"
          >
            {text.details}
            <Icon className={`size-4 ${isOpen ? 'rotate-180' : ''}`} name="down" />
          </button>
        </td>
      </tr>
      {isOpen ? (
        <tr {...tableRoles.row} id={detailId}>
          <td
            {...tableRoles.cell}
            className="bg-bg px-5! max-wide:rounded-lg max-wide:p-4!"
            colSpan={7}
          >
            <AuditDetail event={event} />
          </td>
        </tr>
      ) : null}
    </>
  );
}
