namespace Gateway.Api;

/// <summary>An error is a problem document also for a client that would rather have something else: it would get nothing at all (RFC 9110 §12.5.1 allows both).</summary>
internal sealed class ProblemsForAll : IProblemDetailsWriter
{
    public bool CanWrite(ProblemDetailsContext context) => true;

    public ValueTask WriteAsync(ProblemDetailsContext context) =>
        context.HttpContext.RequestServices.GetServices<IProblemDetailsWriter>().First(writer => writer is not ProblemsForAll).WriteAsync(context);
}
