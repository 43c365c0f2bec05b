using Gateway.Access;
using Scalar.AspNetCore;

namespace Gateway.Api;

/// <summary>
/// <c>/reference</c>: the API to be read and tried in a browser. All of it comes out of this program; nothing is fetched from elsewhere. It shows what
/// the OpenAPI document says; what it tries needs a key like anything else.
/// </summary>
internal static class ApiReference
{
    public static void MapApiReference(this IEndpointRouteBuilder app) => app.MapScalarApiReference("/reference", options => options
        .WithTitle("CoAP gateway")
        .WithOpenApiRoutePattern("/openapi/{documentName}.json")
        .DisableDefaultFonts()
        .DisableAgent()
        .DisableMcp()
        .DisableTelemetry()).ForAnybody();
}
