using System.Collections.Concurrent;
using NATS.Client.Core;

namespace Gateway.Sinks;

/// <summary>
/// Knows of the server's word on subjects that the sink may not publish to, which comes by itself and not as an answer:
/// <c>-ERR 'Permissions Violation for Publish to "devices.a.readings.b"'</c>.
/// </summary>
internal sealed class PermissionWatch
{
    private const string OfJetStream = "\"$JS.";

    // By the subject as the server quotes it. Filled by the loop, read by the client's threads; as many as a batch has subjects.
    private readonly ConcurrentDictionary<string, TaskCompletionSource<string>> _subjects = new();

    /// <summary>Forgets what it was asked.</summary>
    public void Begin() => _subjects.Clear();

    /// <summary>Completes, with the server's words, when the subject turns out to be forbidden.</summary>
    public Task<string> Of(string subject) =>
        _subjects.GetOrAdd(Quoted(subject), _ => new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>Takes an error of the server; false when it is of another kind, and the connection is of no use.</summary>
    public bool Tells(NatsServerErrorEventArgs error)
    {
        var (first, last) = (error.Error.IndexOf('"', StringComparison.Ordinal), error.Error.LastIndexOf('"'));
        if (error.Kind is not NatsServerErrorKind.PermissionsViolation || !error.Error.Contains("Publish to", StringComparison.OrdinalIgnoreCase) || last <= first)
        {
            return false;
        }

        var subject = error.Error[first..(last + 1)];
        if (_subjects.TryGetValue(subject, out var waiting))
        {
            waiting.TrySetResult(error.Error);
            return true;
        }

        // One message of a subject is told of, and then the next: of those nobody waits for the word any more.
        return !subject.StartsWith(OfJetStream, StringComparison.Ordinal);
    }

    // As Go's %q writes what a subject has.
    private static string Quoted(string subject) =>
        $"\"{subject.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
