/** What a registry or a client may know of this server before it connects (MCP Server Cards, still in motion). */
export interface ServerCardOptions {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly version: string
  readonly url: string
  readonly locked: boolean
}

export function serverCard({ name, title, description, version, url, locked }: ServerCardOptions): object {
  return {
    $schema: 'https://static.modelcontextprotocol.io/schemas/v1/server-card.schema.json',
    name,
    title,
    description,
    version,
    remotes: [
      {
        type: 'streamable-http',
        url,
        supportedProtocolVersions: ['2026-07-28', '2025-11-25', '2025-06-18', '2025-03-26'],
        ...(locked
          ? { headers: [{ name: 'Authorization', description: 'Bearer token', isRequired: true, isSecret: true }] }
          : {}),
      },
    ],
  }
}
