using Gateway.Commands;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gateway.Api;

/// <summary>Errors as RFC 9457 wants them: each with the JSON pointer of what it is about, as in the RFC's own example.</summary>
internal static class Problems
{
    public static ProblemHttpResult NotFound(string detail) => TypedResults.Problem(detail, statusCode: StatusCodes.Status404NotFound);

    public static ProblemHttpResult Conflict(string detail) => TypedResults.Problem(detail, statusCode: StatusCodes.Status409Conflict);

    public static ProblemHttpResult BadRequest(string detail) => TypedResults.Problem(detail, statusCode: StatusCodes.Status400BadRequest);

    /// <summary>The body is JSON of the right form, but what it says cannot be.</summary>
    public static ProblemHttpResult Unprocessable(IReadOnlyCollection<FieldProblem> problems) => TypedResults.Problem(
        string.Join("; ", problems.Select(problem => problem.Detail)),
        statusCode: StatusCodes.Status422UnprocessableEntity,
        extensions: [new("errors", problems)]);

    public static ProblemHttpResult Unprocessable(string path, string detail) => Unprocessable([FieldProblem.Of(path, detail)]);
}
