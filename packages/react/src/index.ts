export { CodeField, type CodeFieldProps } from './CodeField.tsx';
export { CountersignProvider, type CountersignProviderProps } from './CountersignProvider.tsx';
export type { SessionState } from './context.ts';
export {
  type AuthRefusal,
  CountersignError,
  type CountersignErrorCode,
  type CountersignErrorOptions,
  isCancelled,
  type LocalErrorCode,
  retryAfterSeconds,
} from './countersign-error.ts';
export {
  type BegunStepUp,
  type Client,
  type ClientOptions,
  type ClientRequest,
  createClient,
  type ResponseSchema,
  type SessionLoss,
} from './create-client.ts';
export { type CountersignMessages, englishMessages } from './messages.ts';
export { isCompleteCode, normalizeCode } from './normalize-code.ts';
export {
  createPasskey,
  isPasskeySupported,
  type PasskeyOptions,
  signWithPasskey,
  suggestPasskeys,
} from './passkey-ceremony.ts';
export { ResendLine, type ResendLineProps } from './ResendLine.tsx';
export { StepUpDialog, type StepUpDialogProps } from './StepUpDialog.tsx';
export { StepUpReturn, type StepUpReturnProps } from './StepUpReturn.tsx';
export { useDraft } from './use-draft.ts';
export { useOpeningFocus } from './use-opening-focus.ts';
export { type ProtectedCall, type ProtectedOptions, useProtected } from './use-protected.ts';
export { useSession } from './use-session.ts';
export {
  type SessionWarning,
  useSessionWarning,
} from './use-session-warning.ts';
export { useWait, type Wait } from './use-wait.ts';
