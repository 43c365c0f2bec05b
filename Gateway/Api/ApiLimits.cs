using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Mvc;

namespace Gateway.Api;

/// <summary>How long a request may take, and how long its body may be.</summary>
internal static class ApiLimits
{
    /// <summary>For all endpoints that do not say otherwise. The longest work that one waits for is the building of a script.</summary>
    public static readonly RequestTimeoutPolicy DefaultTimeout = new()
    {
        Timeout = TimeSpan.FromSeconds(60),
        TimeoutStatusCode = StatusCodes.Status504GatewayTimeout,
    };

    /// <summary>Refuses longer bodies with 413; without this a body may have 1 MiB.</summary>
    public static T WithBodyLimit<T>(this T endpoints, long bytes)
        where T : IEndpointConventionBuilder => endpoints.WithMetadata(new RequestSizeLimitAttribute(bytes));

    /// <summary>For what takes as long as there is something to be told or heard: neither the time nor the length of the body has a limit.</summary>
    public static T WithoutLimits<T>(this T endpoints)
        where T : IEndpointConventionBuilder => endpoints.WithMetadata(new DisableRequestSizeLimitAttribute(), new DisableRequestTimeoutAttribute());
}
