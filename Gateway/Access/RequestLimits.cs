using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;

namespace Gateway.Access;

/// <summary>How many requests each caller may make: a token bucket for each key, and a much smaller one for each address that has none.</summary>
internal static class RequestLimits
{
    public static void AddRequestLimits(this IServiceCollection services, AccessSettings settings) => services.AddRateLimiter(limiter =>
    {
        limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(context => context.User.Actor() is { } actor
            ? Bucket(actor, settings.RequestsPerSecond, settings.Burst)
            : Bucket($"stranger/{context.Network()}", settings.StrangerRequestsPerSecond, settings.StrangerBurst));
        limiter.OnRejected = (rejected, _) => RefuseAsync(rejected.HttpContext, rejected.Lease);
    });

    private static RateLimitPartition<string> Bucket(string caller, int perSecond, int burst) => RateLimitPartition.GetTokenBucketLimiter(caller, _ => Options(perSecond, burst));

    // Whole tokens, ten times a second at most: a slow rate gets one token at its own pace.
    private static TokenBucketRateLimiterOptions Options(int perSecond, int burst) => new()
    {
        TokenLimit = burst,
        TokensPerPeriod = Math.Max(1, perSecond / 10),
        ReplenishmentPeriod = TimeSpan.FromSeconds(perSecond >= 10 ? 0.1 : 1.0 / perSecond),
        QueueLimit = 0,
        AutoReplenishment = false,
    };

    private static async ValueTask RefuseAsync(HttpContext context, RateLimitLease lease)
    {
        var wait = lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? (int)Math.Max(1, Math.Ceiling(after.TotalSeconds)) : 1;
        context.RequestServices.GetRequiredService<AccessMetrics>().Refused("too_many");
        context.Response.Headers[HeaderNames.RetryAfter] = wait.ToString(CultureInfo.InvariantCulture);
        await context.RequestServices.GetRequiredService<IProblemDetailsService>().TryWriteAsync(new ProblemDetailsContext
        {
            HttpContext = context,
            ProblemDetails = new ProblemDetails
            {
                Status = StatusCodes.Status429TooManyRequests,
                Detail = $"too many requests: wait {wait} s, as Retry-After says",
            },
        });
    }
}
