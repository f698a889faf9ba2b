import { useDraft, useSession } from '@countersign/react';
import type { ReactNode } from 'react';
import type { ExportFormat } from '../api-exports.ts';
import { ChoiceField } from '../components/ChoiceField.tsx';
import { FormDialog } from '../components/FormDialog.tsx';
import { explainError } from '../explain-error.ts';
import { messages } from '../messages.ts';
import { exportsMessages } from '../messages-exports.ts';
import { useAction } from '../use-action.ts';

export interface ExportDialogProps {
  /** Records of the tenant as the page last saw them; null when it does not know. */
  readonly presentRecords: number | null;
  readonly onExport: (format: ExportFormat) => Promise<void>;
  readonly onCancel: () => void;
}

const FORMATS = ['ndjson', 'csv'] as const;

export function ExportDialog(props: ExportDialogProps): ReactNode {
  const { presentRecords, onExport, onCancel } = props;
  const text = exportsMessages;
  const { session } = useSession();
  const [format, setFormat] = useDraft<ExportFormat>('export-format', 'csv');
  const action = useAction(() => onExport(format));
  return (
    <FormDialog
      busy={action.busy}
      error={action.error === null ? null : explainError(action.error, { conflict: text.conflict })}
      onCancel={onCancel}
      onSubmit={() => action.run()}
      submitLabel={text.submit}
      title={text.title}
    >
      <p className="text-ink-2">{text.intro(session?.tenant?.name ?? messages.product)}</p>
      {presentRecords === null ? null : <p>{text.present(presentRecords)}</p>}
      <ChoiceField
        choices={FORMATS.map((value) => ({ value, ...text.formats[value] }))}
        label={text.format}
        onChange={setFormat}
        value={format}
      />
      <p className="text-ink-2">{text.once}</p>
    </FormDialog>
  );
}
