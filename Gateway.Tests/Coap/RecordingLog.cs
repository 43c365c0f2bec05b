using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Gateway.Tests.Coap;

/// <summary>Keeps what is logged, so that a test can say what it expects, and that nothing else went wrong.</summary>
internal sealed class RecordingLog<T> : ILogger<T>
{
    private readonly ConcurrentQueue<(LogLevel Level, int Id, string Text)> _entries = new();

    public IReadOnlyList<string> At(LogLevel level) => [.. _entries.Where(entry => entry.Level == level).Select(entry => entry.Text)];

    public void ExpectNoErrors() => Assert.That(TakeErrors(), Is.Empty, "nothing was to go wrong");

    /// <summary>The errors so far, which the test thereby expected.</summary>
    public IReadOnlyList<string> TakeErrors()
    {
        var errors = At(LogLevel.Error);
        _entries.Clear();
        return errors;
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _entries.Enqueue((logLevel, eventId.Id, $"{formatter(state, exception)} {exception?.Message}".TrimEnd()));
}
