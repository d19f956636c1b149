using Microsoft.Extensions.Configuration;
using Pipeline.Local;
using Pipeline.Serving;

namespace Pipeline.Benchmarks;

/// <summary>The app's functions in this process, on a free port.</summary>
internal static class Server
{
    public static async Task<FunctionHost> StartAsync(string connection)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("AzureWebJobsStorage", connection), new("Pipeline:Key", "local")]).Build();
        return await FunctionHost.StartAsync(new FunctionHostOptions { Configuration = configuration, Port = 0, Services = services => services.AddPipeline(configuration) });
    }
}
