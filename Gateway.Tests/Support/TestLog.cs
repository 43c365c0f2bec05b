using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Gateway.Tests.Support;

/// <summary>A log that remembers, so that a test can ask for what it expects and be told of what it does not.</summary>
internal sealed class TestLog<T> : ILogger<T>
{
    private readonly ConcurrentQueue<(LogLevel Level, EventId Event, string Text)> _entries = new();

    /// <summary>What was wrong, except for events that are expected.</summary>
    public IReadOnlyList<string> Complaints(params int[] expected) =>
        [.. from entry in _entries
            where entry.Level >= LogLevel.Warning && !expected.Contains(entry.Event.Id)
            select $"{entry.Event.Id} {entry.Text}"];

    public IReadOnlyList<string> Texts(int eventId) => [.. from entry in _entries where entry.Event.Id == eventId select entry.Text];

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _entries.Enqueue((logLevel, eventId, $"{formatter(state, exception)} {exception?.Message}"));
}
