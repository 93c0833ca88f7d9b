import { encode } from 'uqr';
import { html, type Markup } from '../../html/html.ts';

/** A text as a picture that phones read: dark on light, whatever the page's colours are. @param label what it is, for who does not see it */
export function qrCode(text: string, label: string): Markup {
  const { data, size } = encode(text, { border: 2 });
  const dark = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : [])));
  return html`
    <svg class="qr" role="img" aria-label=${label} viewBox="0 0 ${size} ${size}" width="200" height="200" shape-rendering="crispEdges">
      <rect width=${size} height=${size} fill="#fff" />
      <path d=${dark.join('')} fill="#000" />
    </svg>
  `;
}
