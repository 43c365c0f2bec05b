using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Commands;
using Microsoft.AspNetCore.Mvc;

namespace Gateway.Intake;

/// <summary>
/// What is replied to a message: where its command is, or why it was not taken, with the problem that HTTP would have answered.
/// <code>
/// {"request_id": "r1", "device_id": "cellar", "state": "queued"}
/// {"request_id": "r1", "device_id": "cellar", "problem": {"status": 422, "detail": "…", "errors": [{"detail": "…", "pointer": "#/payload"}], …}}
/// </code>
/// </summary>
internal sealed record IntakeReply(string? RequestId, string? DeviceId, CommandState? State, ProblemDetails? Problem)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    public static byte[] Of(CommandRequest? request, SubmitResult result) => JsonSerializer.SerializeToUtf8Bytes(
        new IntakeReply(
            result.Command?.RequestId ?? request?.RequestId,
            request?.DeviceId,
            result.Command?.State,
            result.IsTaken ? null : SubmitProblem.Of(result)),
        Json);
}
