declare module "*.css";

declare module "swagger-ui-dist/swagger-ui-es-bundle.js" {
  interface SwaggerRequest {
    headers: Record<string, string>;
  }

  interface SwaggerOptions {
    domNode: HTMLElement;
    spec: object;
    requestInterceptor: (request: SwaggerRequest) => SwaggerRequest;
    deepLinking: boolean;
    /** Null keeps the viewer from asking a validator elsewhere. */
    validatorUrl: null;
    docExpansion: "list" | "none";
    filter: boolean;
    tryItOutEnabled: boolean;
    defaultModelsExpandDepth: number;
    onComplete?: () => void;
  }
  export default function SwaggerUI(options: SwaggerOptions): void;
}
