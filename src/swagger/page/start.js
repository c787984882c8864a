// The page of /docs. Its policy lets it ask this server and nobody else.
SwaggerUIBundle({
  url: "/api/v2/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  docExpansion: "none",
  defaultModelsExpandDepth: 0,
  validatorUrl: null,
});
