using System.Diagnostics.Metrics;

namespace Gateway.Access;

/// <summary>The meter <c>Gateway.Access</c>: who was not let in, and what was changed.</summary>
internal sealed class AccessMetrics
{
    public const string MeterName = "Gateway.Access";

    private readonly Counter<long> _refusals;
    private readonly Counter<long> _changes;

    public AccessMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _refusals = meter.CreateCounter<long>("gateway.access.refusals", "{request}", "Requests to the management API that came to no endpoint, by reason: unknown, forbidden or too_many.");
        _changes = meter.CreateCounter<long>("gateway.access.changes", "{change}", "Records of the audit record, by result: done, refused, failed or attempted; and unrecorded for those that could not be kept.");
    }

    public void Refused(string reason) => _refusals.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void Changed(string result) => _changes.Add(1, new KeyValuePair<string, object?>("result", result));
}
