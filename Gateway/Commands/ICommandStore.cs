using Gateway.Devices;

namespace Gateway.Commands;

/// <summary>Where commands are kept. A write is on disk when its task completes.</summary>
internal interface ICommandStore
{
    /// <summary>All commands that have not ended, in the order of their arrival. Asked once, at start.</summary>
    ValueTask<IReadOnlyList<QueuedCommand>> LoadLiveAsync(CancellationToken cancellation);

    /// <summary>The highest <see cref="QueuedCommand.Order"/> that was ever given; 0 when there was none.</summary>
    ValueTask<long> LastOrderAsync(CancellationToken cancellation);

    ValueTask<QueuedCommand?> FindAsync(string requestId, CancellationToken cancellation);

    /// <summary>A device's commands, the newest first, at most <paramref name="limit"/> of them.</summary>
    ValueTask<IReadOnlyList<QueuedCommand>> ListAsync(DeviceId device, int limit, CancellationToken cancellation);

    /// <summary>Saves all of them, or none.</summary>
    ValueTask SaveAsync(IReadOnlyCollection<QueuedCommand> commands, CancellationToken cancellation);

    /// <summary>Forgets commands that ended before that time; says how many.</summary>
    ValueTask<int> DeleteEndedAsync(DateTimeOffset before, CancellationToken cancellation);
}
