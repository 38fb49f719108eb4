import type { Family } from '../attack.ts'
import { eavesdropping } from './eavesdropping.ts'
import { ivPrediction } from './iv-prediction.ts'
import { trafficAnalysis } from './traffic-analysis.ts'

export const wire: Family = {
  title: 'What the wire shows',
  attacks: [eavesdropping, trafficAnalysis, ivPrediction],
}
