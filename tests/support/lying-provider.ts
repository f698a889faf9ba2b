/** The one that `countersign conformance` attacks with. */
export {
  type LyingProvider,
  startLyingProvider,
} from '../../packages/cli/src/forgery/lying-provider.ts';
