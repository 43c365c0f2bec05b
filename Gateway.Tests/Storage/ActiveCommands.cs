using Gateway.Commands;

namespace Gateway.Tests.Storage;

/// <summary>What a start would load.</summary>
internal static class ActiveCommands
{
    public static async Task<IReadOnlyList<QueuedCommand>> LoadActiveAsync(this ICommandStore store)
    {
        var active = new List<QueuedCommand>();
        await store.LoadActiveAsync(active.Add, CancellationToken.None);
        return active;
    }
}
