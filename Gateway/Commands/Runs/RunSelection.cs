using Gateway.Devices;

namespace Gateway.Commands;

/// <summary>Which devices a run is for: those that were active and there when it was made, in the order of their ids.</summary>
internal sealed class RunSelection(DeviceDirectory devices, ProfileCatalog profiles)
{
    private const int Page = 500;

    /// <summary>The next devices of a run.</summary>
    /// <param name="run">The run, with the last device that it has addressed.</param>
    /// <param name="most">How many at most.</param>
    /// <param name="cancellation">Ends the search.</param>
    /// <returns>The devices, and the last one that was looked at; none when there are no more.</returns>
    public async ValueTask<(IReadOnlyList<Device> Devices, DeviceId Seen, bool IsLast)> NextAsync(CommandRun run, int most, CancellationToken cancellation)
    {
        var found = new List<Device>(most);
        var seen = run.After;
        while (true)
        {
            var page = await PageAsync(seen, cancellation);
            foreach (var device in page.Devices)
            {
                if (found.Count == most)
                {
                    return (found, seen, false);
                }

                seen = device.Id;
                if (Includes(run, device))
                {
                    found.Add(device);
                }
            }

            if (page.Next.IsNone)
            {
                return (found, seen, true);
            }

            seen = page.Next;
        }
    }

    /// <summary>How many there are in all.</summary>
    public async ValueTask<int> CountAsync(CommandRun run, CancellationToken cancellation)
    {
        var count = 0;
        var seen = DeviceId.None;
        for (var more = true; more;)
        {
            var page = await PageAsync(seen, cancellation);
            count += page.Devices.Count(device => Includes(run, device));
            (more, seen) = (!page.Next.IsNone, page.Next);
        }

        return count;
    }

    private ValueTask<DeviceSlice> PageAsync(DeviceId after, CancellationToken cancellation) =>
        devices.ListAsync(new DeviceQuery { After = after, Limit = Page, State = DeviceState.Active }, cancellation);

    // The run's own time is to the millisecond.
    private bool Includes(CommandRun run, Device device) => device.CreatedAt < run.CreatedAt.AddMilliseconds(1) && run.Request.Includes(device, profiles);
}
