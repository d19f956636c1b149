using System.Reflection;
using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace Pipeline.Local;

/// <summary>The settings, as the Functions host has them, and where the project lies.</summary>
internal static class Settings
{
    /// <summary>The repository that this was built in, while it is there; else the current folder. Has <c>samples</c> and gets <c>.pipeline</c>.</summary>
    public static string Root { get; } = typeof(Settings).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Where(a => a.Key == "RepositoryRoot").Select(a => a.Value!).FirstOrDefault(root => File.Exists(Path.Combine(root, "local", "Pipeline.Local.csproj")))
        ?? Environment.CurrentDirectory;

    /// <summary>
    /// The settings: environment variables (<c>Pipeline__Key</c> for <c>Pipeline:Key</c>), then <c>Values</c> of <c>local.settings.json</c> at the root,
    /// then <c>AzureWebJobsStorage</c> = <c>UseDevelopmentStorage=true</c> and <c>Pipeline:Key</c> = <c>local</c>.
    /// </summary>
    /// <exception cref="FailedException"><c>local.settings.json</c> can not be read.</exception>
    public static IConfigurationRoot Load() => new ConfigurationBuilder()
        .AddInMemoryCollection([new("AzureWebJobsStorage", "UseDevelopmentStorage=true"), new("Pipeline:Key", "local")])
        .AddInMemoryCollection(ReadValues(Path.Combine(Root, "local.settings.json")))
        .AddEnvironmentVariables()
        .Build();

    private static List<KeyValuePair<string, string?>> ReadValues(string file)
    {
        if (!File.Exists(file))
            return [];
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(file), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            return json.RootElement.TryGetProperty("Values", out var values)
                ? [.. values.EnumerateObject().Select(value => KeyValuePair.Create(value.Name.Replace("__", ":", StringComparison.Ordinal), (string?)value.Value.ToString()))]
                : [];
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            throw new FailedException($"{file} can not be read: {e.Message} Compare it with local.settings.sample.json.", e);
        }
    }
}
