import { create } from 'qrcode';
import { type ReactNode, useMemo } from 'react';

export interface QrCodeProps {
  readonly text: string;
  readonly label: string;
}

const QUIET_MODULES = 4;

/** A QR code of SVG elements, black on white in both themes, with the quiet zone scanners need. */
export function QrCode({ text, label }: QrCodeProps): ReactNode {
  const { size, path } = useMemo(() => drawModules(text), [text]);
  return (
    <svg
      className="size-52 rounded-lg border border-line"
      role="img"
      shapeRendering="crispEdges"
      viewBox={`0 0 ${size} ${size}`}
    >
      <title>{label}</title>
      <rect fill="#fff" height={size} width={size} />
      <path d={path} fill="#000" />
    </svg>
  );
}

function drawModules(text: string): { readonly size: number; readonly path: string } {
  const { modules } = create(text, { errorCorrectionLevel: 'M' });
  const squares: string[] = [];
  for (let row = 0; row < modules.size; row += 1) {
    for (let column = 0; column < modules.size; column += 1) {
      if (modules.get(row, column) === 0) continue;
      squares.push(`M${column + QUIET_MODULES} ${row + QUIET_MODULES}h1v1h-1z`);
    }
  }
  return { size: modules.size + 2 * QUIET_MODULES, path: squares.join('') };
}
