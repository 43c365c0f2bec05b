using Gateway.Commands;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Gateway.Api;

/// <summary>
/// Errors as RFC 9457 wants them. What is wrong with a body has the JSON pointer of the member, as in the RFC's own example; what is wrong
/// with the query has the name of the parameter.
/// </summary>
internal static class Problems
{
    public static ProblemHttpResult NotFound(string detail) => TypedResults.Problem(detail, statusCode: StatusCodes.Status404NotFound);

    public static ProblemHttpResult Conflict(string detail) => TypedResults.Problem(detail, statusCode: StatusCodes.Status409Conflict);

    public static ProblemHttpResult Forbidden(string detail) => TypedResults.Problem(detail, statusCode: StatusCodes.Status403Forbidden);

    public static ProblemHttpResult WrongMediaType(string detail) => TypedResults.Problem(detail, statusCode: StatusCodes.Status415UnsupportedMediaType);

    public static ProblemHttpResult BadRequest(string detail) => TypedResults.Problem(detail, statusCode: StatusCodes.Status400BadRequest);

    /// <summary>Parameters of the query say what cannot be.</summary>
    public static ProblemHttpResult BadRequest(IReadOnlyCollection<ParameterProblem> problems) => TypedResults.Problem(
        string.Join("; ", problems.Select(problem => $"{problem.Parameter}: {problem.Detail}")),
        statusCode: StatusCodes.Status400BadRequest,
        extensions: [new("errors", problems)]);

    /// <summary>The body is JSON of the right form, but what it says cannot be.</summary>
    public static ProblemHttpResult Unprocessable(IReadOnlyCollection<FieldProblem> problems) => TypedResults.Problem(
        string.Join("; ", problems.Select(problem => problem.Detail)),
        statusCode: StatusCodes.Status422UnprocessableEntity,
        extensions: [new("errors", problems)]);

    public static ProblemHttpResult Unprocessable(string path, string detail) => Unprocessable([FieldProblem.Of(path, detail)]);
}

/// <summary>What is wrong with one parameter of the query or of the path.</summary>
/// <param name="Detail">What is wrong, and what is expected.</param>
/// <param name="Parameter">Its name.</param>
internal sealed record ParameterProblem(string Detail, string Parameter)
{
    public static ParameterProblem Of(string parameter, string detail) => new(detail, parameter);
}
