using Microsoft.AspNetCore.Mvc;

namespace Gateway.Commands;

/// <summary>Why a command was not taken, as a problem of RFC 9457: the same object whichever way the command came.</summary>
internal static class SubmitProblem
{
    /// <summary>The status code of an outcome; for a way that has none, the word that its callers know from HTTP.</summary>
    public static int StatusOf(SubmitOutcome outcome) => outcome switch
    {
        SubmitOutcome.Queued => StatusCodes.Status201Created,
        SubmitOutcome.Repeated => StatusCodes.Status200OK,
        SubmitOutcome.Malformed => StatusCodes.Status400BadRequest,
        SubmitOutcome.Conflict or SubmitOutcome.QueueFull => StatusCodes.Status409Conflict,
        SubmitOutcome.TooLarge => StatusCodes.Status413PayloadTooLarge,
        SubmitOutcome.Unavailable => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status422UnprocessableEntity,
    };

    /// <summary>What is wrong, in one text.</summary>
    public static string DetailOf(SubmitResult result) => string.Join("; ", result.Problems.Select(problem => problem.Message));

    /// <param name="result">One that was not taken.</param>
    public static ProblemDetails Of(SubmitResult result)
    {
        var errors = ErrorsOf(result) is { } members ? (KeyValuePair<string, object?>[])[new("errors", members)] : null;
        return TypedResults.Problem(DetailOf(result), statusCode: StatusOf(result.Outcome), extensions: errors).ProblemDetails;
    }

    /// <summary>What is wrong, by member. What is no command has no members to point at: null.</summary>
    public static IReadOnlyList<FieldProblem>? ErrorsOf(SubmitResult result) =>
        result.Outcome is SubmitOutcome.Malformed or SubmitOutcome.TooLarge ? null : [.. result.Problems.Select(FieldProblem.Of)];
}
