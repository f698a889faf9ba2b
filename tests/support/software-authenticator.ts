/** The one that `countersign conformance` attacks with. */
export {
  type CreateOptions,
  type GetOptions,
  SoftwareAuthenticator,
} from '../../packages/cli/src/forgery/software-authenticator.ts';
