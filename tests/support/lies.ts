/** Those that `countersign conformance` tells. */
export { LIES, type Lie } from '../../packages/cli/src/forgery/lies.ts';
