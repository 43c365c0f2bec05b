using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;

namespace Gateway.Access;

/// <summary>How many requests each caller may make: a token bucket for each key, and a much smaller one for each address that has none.</summary>
/// <remarks>The framework's own middleware keeps a limiter that nobody can dispose of, and with it the whole program.</remarks>
internal sealed class RequestLimits(AccessSettings settings, AccessMetrics metrics, IProblemDetailsService problems) : IMiddleware, IAsyncDisposable
{
    private readonly PartitionedRateLimiter<HttpContext> _limiter = PartitionedRateLimiter.Create<HttpContext, string>(context => context.User.Actor() is { } actor
        ? Bucket(actor, settings.RequestsPerSecond, settings.Burst)
        : Bucket($"stranger/{context.Network()}", settings.StrangerRequestsPerSecond, settings.StrangerBurst));

    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        using var lease = _limiter.AttemptAcquire(context);
        return lease.IsAcquired ? next(context) : RefuseAsync(context, lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : TimeSpan.Zero);
    }

    public ValueTask DisposeAsync() => _limiter.DisposeAsync();

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

    private async Task RefuseAsync(HttpContext context, TimeSpan after)
    {
        var wait = (int)Math.Max(1, Math.Ceiling(after.TotalSeconds));
        metrics.Refused("too_many");
        context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
        context.Response.Headers[HeaderNames.RetryAfter] = wait.ToString(CultureInfo.InvariantCulture);
        await problems.TryWriteAsync(new ProblemDetailsContext
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
