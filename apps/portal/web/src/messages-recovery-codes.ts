/** The texts of recovery codes, the one time they can be seen. */
export const recoveryCodesMessages = {
  title: 'Save your recovery codes',
  intro:
    'If you lose your device, one of these codes signs you in. Each works once. They are shown only now.',
  listLabel: 'Recovery codes',
  copy: 'Copy codes',
  download: 'Download as text',
  fileName: 'countersign-recovery-codes.txt',
  fileHeading: 'Countersign recovery codes. Each works once. Keep them somewhere safe.',
  saved: 'I have saved them',
  savedMissing: 'Save the codes first, then tick the box.',
  continue: 'Continue',
} as const;
