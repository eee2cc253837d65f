/**
 * Takes out of an error text whatever could be a secret: the query of every URL, signatures, the API key's header, and
 * every given secret wherever it stands. A page that a proxy sent instead of an answer is said and not shown. What is left is cut to
 * 300 characters.
 */
export const sanitise = (message: string, secrets: readonly string[] = []): string => {
  const withoutSecrets = secrets
    .filter((secret) => secret !== '')
    .reduce((text, secret) => text.replaceAll(secret, '***'), message);
  return withoutSecrets
    .replaceAll(/(https?:\/\/[^\s?"']+)\?[^\s"']*/g, '$1')
    .replaceAll(/(signature|X-MBX-APIKEY|apiKey)(["']?\s*[=:]\s*["']?)[^\s&"',}]+/gi, '$1$2***')
    .replace(/<(!doctype|html)[\s>][\s\S]*$/i, 'a page instead of an answer')
    .slice(0, 300);
};
