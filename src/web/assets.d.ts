declare module "*.css";

declare module "swagger-ui-dist/swagger-ui-es-bundle.js" {
  interface SwaggerOptions {
    domNode: HTMLElement;
    url: string;
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
