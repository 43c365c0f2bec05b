using System.Diagnostics.CodeAnalysis;

namespace Gateway.Scripting;

/// <summary>What a call of a script gave: its result, or why there is none.</summary>
internal readonly struct ScriptOutcome<T>
{
    private readonly T? _value;

    /// <summary>The script gave a result, which may be null where its function may return null.</summary>
    public ScriptOutcome(T value) => _value = value;

    /// <summary>The script gave none.</summary>
    public ScriptOutcome(ScriptFailure failure) => Failure = failure;

    /// <summary>Why there is no result; null when there is one.</summary>
    public ScriptFailure? Failure { get; }

    /// <summary>What the script warned of while it was called, whatever came of it.</summary>
    public IReadOnlyList<string> Warnings { get => field ?? []; init; }

    /// <summary>Whether there is a result.</summary>
    [MemberNotNullWhen(false, nameof(Failure))]
    public bool Succeeded => Failure is null;

    /// <summary>The result.</summary>
    /// <exception cref="InvalidOperationException">There is none: see <see cref="Failure"/>.</exception>
    public T Value => Failure is null ? _value! : throw new InvalidOperationException($"the script gave no result: {Failure.Message}");

    /// <summary>The failure as an outcome.</summary>
    public static implicit operator ScriptOutcome<T>(ScriptFailure failure) => new(failure);
}
