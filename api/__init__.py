"""The edge: HTTP, WebSocket and SSE. Knows `app` and the domain's types, never the other way round."""
