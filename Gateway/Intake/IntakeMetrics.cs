using System.Diagnostics.Metrics;
using System.Text.Json;

namespace Gateway.Intake;

/// <summary>The meter <c>Gateway.Intake</c>; each number is told for each intake of gateway.json.</summary>
internal sealed class IntakeMetrics
{
    public const string MeterName = "Gateway.Intake";

    private const string IntakeTag = "intake";

    private readonly Counter<long> _messages;
    private readonly Counter<long> _failures;

    public IntakeMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _messages = meter.CreateCounter<long>("gateway.intake.messages", "{message}", "Messages of brokers that were settled, by intake and outcome: stored, repeated, dead_letter, ignored.");
        _failures = meter.CreateCounter<long>("gateway.intake.failures", "{failure}", "Failures after which an intake waits and tries again.");
    }

    public void Settled(string intake, IntakeOutcome outcome) => _messages.Add(
        1,
        new KeyValuePair<string, object?>(IntakeTag, intake),
        new KeyValuePair<string, object?>("outcome", JsonNamingPolicy.SnakeCaseLower.ConvertName(outcome.ToString())));

    public void Failed(string intake) => _failures.Add(1, new KeyValuePair<string, object?>(IntakeTag, intake));
}
