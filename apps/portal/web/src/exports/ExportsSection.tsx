import { useProtected } from '@countersign/react';
import { type ReactNode, useRef, useState } from 'react';
import { type ExportStarted, startExport } from '../api-exports.ts';
import { Button } from '../components/Button.tsx';
import { CardSection } from '../components/CardSection.tsx';
import { Notice } from '../components/Notice.tsx';
import { explainError } from '../explain-error.ts';
import { exportsMessages } from '../messages-exports.ts';
import { useNow } from '../use-now.ts';
import { useOutcome } from '../use-outcome.tsx';
import { ExportDialog } from './ExportDialog.tsx';
import { ExportRow } from './ExportRow.tsx';
import { useExports } from './use-exports.ts';

export interface ExportsSectionProps {
  /** Whether the person has just asked for one. */
  readonly isAsking: boolean;
  /** Records of the tenant as the page last saw them; null when it does not know. */
  readonly presentRecords: number | null;
  readonly onAsked: () => void;
}

const FIRST = 3;

/** The exports of this person, and the dialog that asks for another. */
export function ExportsSection(props: ExportsSectionProps): ReactNode {
  const { isAsking, presentRecords, onAsked } = props;
  const text = exportsMessages;
  const heading = useRef<HTMLHeadingElement>(null);
  const exports = useExports(() => heading.current?.focus());
  const outcome = useOutcome();
  const now = useNow();
  const [isWhole, setIsWhole] = useState(false);
  const started = ({ receipt }: ExportStarted) => {
    onAsked();
    outcome.show({ title: text.started, receipt });
    exports.reload();
  };
  const start = useProtected('data.export', startExport, { onResumed: started });
  const items = exports.data ?? [];
  const shown = isWhole ? items : items.slice(0, FIRST);

  return (
    <>
      {outcome.panel}
      <p className="cs-sr-only" role="status">
        {exports.announcement}
      </p>
      {exports.error === null ? null : <Notice tone="danger">{explainError(exports.error)}</Notice>}
      {items.length === 0 ? null : (
        <CardSection headingRef={heading} title={text.card}>
          {/* Safari forgets that a list without bullets is one. */}
          {/* biome-ignore lint/a11y/noRedundantRoles: see above */}
          <ul aria-label={text.list} role="list">
            {shown.map((item) => (
              <ExportRow
                item={item}
                key={item.id}
                now={now}
                onDownload={() => exports.expectChange(item.id)}
              />
            ))}
          </ul>
          {shown.length === items.length ? null : (
            <div className="border-line border-t px-3 py-2">
              <Button onClick={() => setIsWhole(true)} tone="quiet">
                {text.showAll(items.length)}
              </Button>
            </div>
          )}
        </CardSection>
      )}
      {isAsking ? (
        <ExportDialog
          onCancel={onAsked}
          onExport={async (format) => started(await start({ format }))}
          presentRecords={presentRecords}
        />
      ) : null}
    </>
  );
}
