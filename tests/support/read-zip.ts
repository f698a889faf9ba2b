/** The one that `countersign conformance` reads exports with. */
export { readZip } from '../../packages/cli/src/conformance/read-zip.ts';
